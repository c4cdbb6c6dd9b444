"""One module or package per format; `READERS` is the table of all of them.

The first reader that claims a file gets it. Adding a format is one module, one fixture directory and one
line here.
"""

from budgetcheck.readers.base import Reader
from budgetcheck.readers.claims import (
    is_apache,
    is_app_document,
    is_beanstalk,
    is_cloudformation,
    is_haproxy,
    is_kubernetes,
    is_litellm_proxy,
    is_nginx,
    is_process,
    is_python,
    is_terraform,
    is_terraform_plan,
    is_vercel,
)

READERS: tuple[Reader, ...] = (
    # First, since a supervisord file mostly lies in a folder conf.d.
    Reader(
        name="processes",
        title="container and process",
        claims=is_process,
        target="budgetcheck.readers.processes:read",
    ),
    # Before nginx and Apache, of which it says what the platform adds.
    Reader(
        name="beanstalk",
        title="Elastic Beanstalk",
        claims=is_beanstalk,
        target="budgetcheck.readers.beanstalk.read:read",
    ),
    # Before nginx, whose configuration a ConfigMap may hold.
    Reader(
        name="kubernetes",
        title="Kubernetes",
        claims=is_kubernetes,
        target="budgetcheck.readers.kubernetes:read",
    ),
    Reader(
        name="haproxy",
        title="HAProxy",
        claims=is_haproxy,
        target="budgetcheck.readers.haproxy:read",
    ),
    # Before nginx, whose folders (conf.d, sites-enabled) it shares.
    Reader(
        name="apache",
        title="Apache httpd",
        claims=is_apache,
        target="budgetcheck.readers.apache:read",
    ),
    Reader(name="nginx", title="nginx", claims=is_nginx, target="budgetcheck.readers.nginx:read"),
    Reader(
        name="terraform",
        title="Terraform",
        claims=is_terraform,
        target="budgetcheck.readers.terraform:read",
    ),
    Reader(
        name="terraform-plan",
        title="Terraform plan",
        claims=is_terraform_plan,
        target="budgetcheck.readers.terraform_plan:read",
    ),
    Reader(
        name="cloudformation",
        title="CloudFormation",
        claims=is_cloudformation,
        target="budgetcheck.readers.cloudformation:read",
    ),
    Reader(name="vercel", title="vercel.json", claims=is_vercel, target="budgetcheck.readers.vercel:read"),
    Reader(
        name="app-document",
        title="app document",
        claims=is_app_document,
        target="budgetcheck.readers.app_document:read",
    ),
    Reader(
        name="litellm-proxy",
        title="LiteLLM proxy",
        claims=is_litellm_proxy,
        target="budgetcheck.readers.litellm_proxy:read",
    ),
    Reader(name="python", title="Python", claims=is_python, target="budgetcheck.readers.python.read:read"),
)
