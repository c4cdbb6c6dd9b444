"""A system that breaks its budget, in which every name that somebody can choose is hostile.

It is written when it is needed: names like these cannot be checked out everywhere.
"""

import json
from pathlib import Path

MARKUP = "|`@octocat`<!--*_#1![x](http://evil.example)</details>"
COMMANDS = "::error::pwned ##[command]x ##vso[task]"
CONTROLS = "\x1b]0;title\x07\x1b[31m\x9b\u202e\u2066\u200b"
LINES = "one\n::set-env name=PATH::evil\r\n##[group]\u2028::stop-commands::x"
PIECES = ("evil.example", "octocat", "set-env", "[command]")
"""What must be readable in every format that has room: escaped, not dropped."""

NGINX_FILE = "a|`@octocat` <!-- ##[command]x.conf"
APP_FILE = "\x1b[31m![x](http:)\u202e\n::error::pwned%0A,col=1.yaml"
TERRAFORM_FILE = "$(x) [link](javascript:1)&amp;'\".tf"
FOLDER = "::set-env name=x::"


def write(root: Path) -> Path:
    """The files below a directory that counts as a repository; returns the directory."""
    (root / ".git").mkdir(parents=True)
    folder = root / FOLDER
    folder.mkdir()
    (folder / NGINX_FILE).write_text(nginx(), encoding="utf-8")
    (root / APP_FILE).write_text(app(), encoding="utf-8")
    (root / TERRAFORM_FILE).write_text(TERRAFORM, encoding="utf-8")
    return root


def nginx() -> str:
    """A proxy in front of the application: one limit that is broken, one that cannot be read."""
    return f"""
events {{}}
http {{
    upstream up {{ server app:8000; }}
    server {{
        listen 80;
        server_name "api.example.com{MARKUP}" "{COMMANDS}";
        location "/bad{MARKUP}{COMMANDS}" {{
            proxy_pass http://up;
            proxy_read_timeout "{LINES}{CONTROLS}";
        }}
        location / {{
            proxy_pass http://up;
            proxy_read_timeout 30s;
        }}
        location "/slow{CONTROLS}" {{
            proxy_pass http://up;
            # budgetcheck: ignore[BC103] until=2099-01-01 {COMMANDS}
            proxy_read_timeout 31s;
        }}
    }}
}}
"""


def app() -> str:
    """An application whose call outlasts the proxy, and values that its document does not allow."""
    return f"""
service: app
server: {{kind: gunicorn, worker_class: uvicorn_worker.UvicornWorker, timeout: 30s}}
routes:
  - path: "/chat{MARKUP}"
    methods: [POST]
    calls:
      - {{to: api.openai.com, client: openai, timeout: {{connect: 5s, read: 20s}}}}
  - path: {json.dumps("/" + LINES)}
    calls:
      - {{to: {json.dumps(COMMANDS + CONTROLS)}, client: httpx, timeout: 50s}}
"""


TERRAFORM = f"""
variable "x" {{}}
resource "aws_lb" "at_octocat" {{
  name         = "|`@octocat`<!--"
  idle_timeout = "${{var.x}}::error::##[command]"
}}
resource "aws_lambda_function" "f" {{
  function_name = "![x](http://evil.example)"
  # budgetcheck: ignore[BC201] until=2099-01-01 {MARKUP} {COMMANDS} {CONTROLS}
  timeout = 9000
}}
"""
