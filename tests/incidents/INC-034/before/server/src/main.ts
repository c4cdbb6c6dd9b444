import express from "express";

const app = express();
app.get("/api/districts", (_request, response) => response.json([]));

const server = app.listen(3005);
