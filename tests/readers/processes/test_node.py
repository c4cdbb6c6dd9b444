"""Node.js: the entry file, what it imports, and times that its code sets."""

import json
from pathlib import Path

import pytest
from process_files import only, path, read_files, values

KEEP = "keepAliveTimeout"
IMAGE = "FROM node:22\nWORKDIR /app\nCOPY . .\nENV PORT=3000 KEEP=61000\n"
MADE = "const server = http.createServer(app)\nserver.listen(3000)\n"

CODE = {
    "number": ("server.keepAliveTimeout = 65000", {KEEP: "65000"}),
    "underscores": ("server.keepAliveTimeout = 65_000;", {KEEP: "65000"}),
    "product": ("server.keepAliveTimeout = 65 * 1000", {KEEP: "65000"}),
    "sum": ("server.headersTimeout = 65 * 1000 + 1000", {"headersTimeout": "66000"}),
    "constant": ("const KEEP_ALIVE = 65_000\nserver.keepAliveTimeout = KEEP_ALIVE", {KEEP: "65000"}),
    "constant in an expression": (
        "const KEEP_ALIVE: number = 65_000;\nserver.headersTimeout = KEEP_ALIVE + 1000;",
        {"headersTimeout": "66000"},
    ),
    "default of a variable": ("server.keepAliveTimeout = process.env.X || 65000", {KEEP: "65000"}),
    "a variable that is set": (
        "server.keepAliveTimeout = Number(process.env.KEEP ?? 65000)",
        {KEEP: "61000"},
    ),
    "parsed": ("server.keepAliveTimeout = parseInt(process.env.KEEP || '65000', 10)", {KEEP: "61000"}),
    "a variable that nothing sets": ("server.keepAliveTimeout = +process.env.X", {KEEP: "?"}),
    "in the next line": ("server.keepAliveTimeout =\n  65000;", {KEEP: "65000"}),
    "worked out": ("server.keepAliveTimeout = config.get('keepAlive')", {KEEP: "?"}),
    "in two places": (
        "if (x) server.keepAliveTimeout = 1000\nelse server.keepAliveTimeout = 2000",
        {KEEP: {"1000", "2000"}},
    ),
    "in a comment": ("// server.keepAliveTimeout = 65000\n/* server.timeout = 5 */", {}),
    "in a text with slashes": ("const u = 'http://x'; server.keepAliveTimeout = 65000", {KEEP: "65000"}),
    "compared, not set": ("if (server.keepAliveTimeout === 5000) { log() }", {}),
    "by another name": ("server['keepAliveTimeout'] = wanted", {KEEP: "?"}),
    "an option of something": ("const options = { keepAliveTimeout: 65000 }", {KEEP: "?"}),
    "an option of the server": (
        "http.createServer({ keepAliveTimeout: 65000, requestTimeout: 0 }, app)",
        {KEEP: "65000", "requestTimeout": "0"},
    ),
    "socket timeout": ("server.setTimeout(120000)", {"timeout": "120000"}),
    "socket timeout of the chain": (
        "app.listen(3000, () => log('up')).setTimeout(2 * 60 * 1000)",
        {"timeout": "120000"},
    ),
    "of a server by property": ("httpServer.timeout = 90000", {"timeout": "90000"}),
    "of one response": ("res.setTimeout(5000); req.setTimeout(5000)", {}),
    "of a client": ("axios.defaults.timeout = 5000; xhr.timeout = 10", {}),
    "a timer": ("setTimeout(poll, 5000); this.timeout = setTimeout(f, 1)", {}),
}


@pytest.mark.parametrize(("code", "expected"), CODE.values(), ids=list(CODE))
def test_times(tmp_path: Path, code: str, expected: dict[str, object]) -> None:
    files = {"Dockerfile": IMAGE + 'CMD ["node", "index.js"]\n', "index.js": MADE + code + "\n"}
    assert values(only(read_files(tmp_path, files))) == expected


ENTRIES = {
    "as it is": ("server.js", "server.js"),
    "without a suffix": ("bin/www", "bin/www"),
    "compiled from src": ("dist/main.js", "src/main.ts"),
    "compiled in place": ("dist/main.js", "main.ts"),
    "compiled with its folder": ("dist/src/main.js", "src/main.ts"),
    "compiled without a suffix": ("dist/main", "src/main.ts"),
    "compiled in a package": ("packages/api/build/index.js", "packages/api/src/index.ts"),
    "compiled file that is there": ("lib/server.js", "lib/server.js"),
    "an index": ("dist/server", "src/server/index.ts"),
    "a package by its folder": ("apps/live", "apps/live/src/start.ts"),
    "behind options": ("--max-old-space-size=4096 -r dotenv/config server.js", "server.js"),
}


@pytest.mark.parametrize(("entry", "file"), ENTRIES.values(), ids=list(ENTRIES))
def test_the_entry_is_found(tmp_path: Path, entry: str, file: str) -> None:
    files = {
        "Dockerfile": f"{IMAGE}CMD node {entry}\n",
        "apps/live/package.json": '{"main": "./dist/start.mjs"}',
        file: MADE + "server.keepAliveTimeout = 65000\n",
    }
    found = only(read_files(tmp_path, files))
    assert path(found, KEEP) == [f"{file}:3 keepAliveTimeout = 65000"]


class TestImports:
    def read(self, tmp_path: Path, files: dict[str, str], entry: str = "index.js") -> dict[str, object]:
        image = {"Dockerfile": f"{IMAGE}CMD node {entry}\n"}
        return values(only(read_files(tmp_path, {**image, **files})))

    def test_the_server_is_made_elsewhere(self, tmp_path: Path) -> None:
        files = {
            "index.js": "require('./lib/server')\n",
            "lib/server.js": "const { KEEP } = require('../config')\n"
            + MADE
            + "server.keepAliveTimeout = KEEP\n",
            "config.js": "const KEEP = 70 * 1000\nmodule.exports = { KEEP }\n",
        }
        assert self.read(tmp_path, files) == {KEEP: "70000"}

    def test_typescript_names_the_compiled_file(self, tmp_path: Path) -> None:
        files = {
            "src/main.ts": "import { start } from './server.js'\nstart()\n",
            "src/server.ts": MADE + "server.keepAliveTimeout = 70_000\n",
        }
        assert self.read(tmp_path, files, "dist/main.js") == {KEEP: "70000"}

    def test_the_default_counts_only_where_the_server_was_seen(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, {"index.js": MADE}) == {}
        assert self.read(tmp_path, {"index.js": "require('@shop/server').run()\n"}) == {KEEP: "?"}

    def test_imports_are_followed_for_a_few_files_only(self, tmp_path: Path) -> None:
        files = {f"f{n}.js": f"require('./f{n + 1}')\n" for n in range(20)}
        files |= {"index.js": "require('./f0')\n", "f19.js": MADE + "server.keepAliveTimeout = 9\n"}
        assert self.read(tmp_path, files) == {KEEP: "?"}

    def test_imports_in_a_circle_end(self, tmp_path: Path) -> None:
        files = {"index.js": "require('./a')\n" + MADE, "a.js": "require('./index')\nrequire('./a')\n"}
        assert self.read(tmp_path, files) == {}

    def test_nothing_above_the_root_is_opened(self, tmp_path: Path) -> None:
        (tmp_path / "secret.js").write_text("server.keepAliveTimeout = 7777\n")
        found = self.read(tmp_path / "project", {"index.js": MADE + "require('../secret')\n"})
        assert found == {}


def test_fastify_has_a_default_of_its_own(tmp_path: Path) -> None:
    code = "import Fastify from 'fastify'\nconst app = Fastify({ requestTimeout: 5000 })\napp.listen({})\n"
    found = only(read_files(tmp_path, {"Dockerfile": f"{IMAGE}CMD node index.js\n", "index.js": code}))
    assert (found.trait("framework"), values(found)) == ("fastify", {"requestTimeout": "5000"})


class TestPackageScripts:
    def read(self, tmp_path: Path, command: str, scripts: dict[str, str]) -> dict[str, object]:
        files = {
            "Dockerfile": f"{IMAGE}CMD {command}\n",
            "package.json": json.dumps({"scripts": scripts}),
            "src/main.ts": MADE + "server.keepAliveTimeout = 70_000\n",
        }
        return values(only(read_files(tmp_path, files)))

    @pytest.mark.parametrize(
        "command", ["npm start", "yarn start", "pnpm run start", '["npm", "run", "start"]']
    )
    def test_are_followed(self, tmp_path: Path, command: str) -> None:
        assert self.read(tmp_path, command, {"start": "NODE_ENV=production node dist/main.js"}) == {
            KEEP: "70000"
        }

    def test_through_one_another(self, tmp_path: Path) -> None:
        scripts = {"start": "npm run start:prod", "start:prod": "node dist/main"}
        assert self.read(tmp_path, "npm start", scripts) == {KEEP: "70000"}

    def test_a_script_that_starts_nothing_known_is_some_node_process(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "npm start", {"start": "nest start"}) == {KEEP: "?"}

    def test_a_circle_ends(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "npm start", {"start": "npm run start"}) == {KEEP: "?"}


PM2 = {
    "runtime": ("pm2-runtime src/main.js", {}),
    "json": (
        "pm2 start pm2.json --no-daemon",
        {"pm2.json": '{"apps": [{"name": "x", "script": "src/main.js"}]}'},
    ),
    "code": (
        "pm2-runtime start ecosystem.config.js --env production",
        {"ecosystem.config.js": "module.exports = { apps: [{ script: './src/main.js' }] }\n"},
    ),
}


@pytest.mark.parametrize(("command", "more"), PM2.values(), ids=list(PM2))
def test_a_process_manager(tmp_path: Path, command: str, more: dict[str, str]) -> None:
    files = {"Dockerfile": f"{IMAGE}CMD {command}\n", "src/main.js": MADE + "server.keepAliveTimeout = 7\n"}
    assert values(only(read_files(tmp_path, {**files, **more}))) == {KEEP: "7"}
