import { createServer } from "node:http";
import { handle } from "./app";

const server = createServer(handle).listen(4001);
