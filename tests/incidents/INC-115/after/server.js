const express = require("express");

const app = express();
app.post("/import", (request, response) => runImport(request).then((rows) => response.json({ rows })));

const server = app.listen(process.env.PORT || 8080);
server.setTimeout(0);

async function runImport(request) {
  return request.headers["content-length"];
}
