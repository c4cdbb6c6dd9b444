import express from "express";

const app = express();
app.get("/api/districts", (_request, response) => response.json([]));

const server = app.listen(3005);
server.keepAliveTimeout = 65 * 1000;
server.headersTimeout = 66 * 1000;
