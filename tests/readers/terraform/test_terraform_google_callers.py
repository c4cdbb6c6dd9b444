"""What calls services on its own: push subscriptions, scheduled jobs, task queues; and functions called."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack

RUN = """
resource "google_cloud_run_service" "worker" {
  name = "worker"
  template {
    spec { timeout_seconds = 900 }
  }
}
"""
ADDRESS = "terraform:google_cloud_run_service.worker"
SUBSCRIPTION = "terraform:google_pubsub_subscription.s"
JOB = "terraform:google_cloud_scheduler_job.j"


def subscription(endpoint: str, body: str = "") -> str:
    return f"""
resource "google_pubsub_subscription" "s" {{
  {body}
  push_config {{
    push_endpoint = {endpoint}
  }}
}}
"""


def job(uri: str, body: str = "") -> str:
    return f"""
resource "google_cloud_scheduler_job" "j" {{
  {body}
  http_target {{
    http_method = "GET"
    uri         = {uri}
  }}
}}
"""


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        pytest.param("google_cloud_run_service.worker.status[0].url", "", id="the URL itself"),
        pytest.param('"${google_cloud_run_service.worker.status.0.url}/push?x=1"', "/push", id="with a path"),
        pytest.param('"https://worker-k2x7qwertz-ew.a.run.app/push"', "/push", id="by the older host name"),
        pytest.param('"https://worker-123456789012.europe-west1.run.app"', "/", id="by the newer host name"),
    ],
)
def test_a_push_endpoint_leads_to_its_service(tmp_path: Path, endpoint: str, path: str) -> None:
    result = stack(tmp_path, RUN + subscription(endpoint, "ack_deadline_seconds = 20"))
    (target,) = declared(result, SUBSCRIPTION).targets
    assert target.address == ADDRESS
    assert [rule.pattern for rule in target.paths] == ([path] if path else [])
    assert known(setting_of(result, SUBSCRIPTION, "ack_deadline_seconds")) == 20
    assert declared(result, SUBSCRIPTION).front.methods == ("POST",)


@pytest.mark.parametrize(
    ("endpoint", "host", "external"),
    [
        pytest.param(
            '"https://events.example.com/push"', "events.example.com", False, id="maybe a balancer's"
        ),
        pytest.param(
            '"https://other-k2x7qwertz-ew.a.run.app"', "other-k2x7qwertz-ew.a.run.app", True, id="foreign"
        ),
    ],
)
def test_other_endpoints_are_host_names(tmp_path: Path, endpoint: str, host: str, external: bool) -> None:
    (target,) = declared(stack(tmp_path, RUN + subscription(endpoint)), SUBSCRIPTION).targets
    assert (target.host, target.external) == (host, external)


def test_an_endpoint_that_is_not_known_has_a_reason(tmp_path: Path) -> None:
    text = subscription("var.url") + 'variable "url" {}\n'
    (target,) = declared(stack(tmp_path, text), SUBSCRIPTION).targets
    assert 'variable "url"' in target.reason


def test_a_pull_subscription_is_no_hop(tmp_path: Path) -> None:
    text = 'resource "google_pubsub_subscription" "s" {\n  ack_deadline_seconds = 20\n}\n'
    assert stack(tmp_path, text).declarations == ()


def test_a_deadline_derived_from_the_service(tmp_path: Path) -> None:
    deadline = (
        'attempt_deadline = "${google_cloud_run_service.worker.template[0].spec[0].timeout_seconds + 60}s"'
    )
    uri = '"${google_cloud_run_service.worker.status.0.url}/"'
    result = stack(tmp_path, RUN + job(uri, f"{deadline}\n  retry_config {{\n    retry_count = 3\n  }}"))
    assert known(setting_of(result, JOB, "attempt_deadline")) == "960s"
    assert known(setting_of(result, JOB, "retry_config.retry_count")) == 3
    (target,) = declared(result, JOB).targets
    assert (target.address, target.paths[0].pattern) == (ADDRESS, "/")
    assert declared(result, JOB).front.methods == ("GET",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            'resource "google_cloud_scheduler_job" "j" {\n  pubsub_target {\n    topic_name = "t"\n  }\n}\n',
            id="a message waits for nobody",
        ),
        pytest.param(
            job(
                '"https://europe-west1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs/x:run"'
            ),
            id="a Cloud Run job is started, not waited for",
        ),
        pytest.param(
            job('"https://${var.r}-run.googleapis.com/v2/jobs/${google_cloud_run_v2_job.x.name}:run"')
            + 'variable "r" {}\nresource "google_cloud_run_v2_job" "x" { name = "x" }\n',
            id="nor one by reference",
        ),
    ],
)
def test_jobs_that_wait_for_no_answer_are_no_hops(tmp_path: Path, text: str) -> None:
    assert stack(tmp_path, text).declarations == ()


def test_a_task_queue_names_a_service_only_where_it_overrides_the_tasks(tmp_path: Path) -> None:
    text = """
resource "google_cloud_tasks_queue" "plain" {
  name = "plain"
  retry_config { max_attempts = 5 }
}
resource "google_cloud_tasks_queue" "bound" {
  name = "bound"
  http_target {
    uri_override {
      host = replace(google_cloud_run_service.worker.status[0].url, "https://", "")
    }
  }
}
"""
    result = stack(tmp_path, RUN + text)
    assert declared(result, "terraform:google_cloud_tasks_queue.plain").targets == ()
    (target,) = declared(result, "terraform:google_cloud_tasks_queue.bound").targets
    assert target.address == ADDRESS


FUNCTIONS = """
resource "google_cloudfunctions_function" "first" {
  name    = "first"
  timeout = 540
}
resource "google_cloudfunctions2_function" "second" {
  name = "second"
  service_config {
    timeout_seconds = 120
  }
}
resource "google_cloudfunctions2_function" "event" {
  name = "event"
  service_config {
    timeout_seconds = 300
  }
  event_trigger {
    event_type = "google.cloud.pubsub.topic.v1.messagePublished"
  }
  timeouts {
    create = "30m"
  }
}
"""


def test_functions_of_both_generations(tmp_path: Path) -> None:
    result = stack(tmp_path, FUNCTIONS)
    first, second, event = (
        "terraform:google_cloudfunctions_function.first",
        "terraform:google_cloudfunctions2_function.second",
        "terraform:google_cloudfunctions2_function.event",
    )
    assert known(setting_of(result, first, "timeout")) == 540
    assert known(setting_of(result, second, "service_config.timeout_seconds")) == 120
    assert declared(result, second).trait("trigger") == "http"
    assert declared(result, event).trait("trigger") == "event"


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        pytest.param(
            "google_cloudfunctions2_function.second.service_config[0].uri",
            "google_cloudfunctions2_function.second",
            id="by reference",
        ),
        pytest.param(
            '"https://europe-west1-p.cloudfunctions.net/first"',
            "google_cloudfunctions_function.first",
            id="by URL",
        ),
        pytest.param(
            '"https://second-k2x7qwertz-ew.a.run.app"',
            "google_cloudfunctions2_function.second",
            id="as Cloud Run",
        ),
    ],
)
def test_jobs_call_functions(tmp_path: Path, uri: str, target: str) -> None:
    (found,) = declared(stack(tmp_path, FUNCTIONS + job(uri)), JOB).targets
    assert found.address == f"terraform:{target}"


def test_a_function_behind_a_load_balancer(tmp_path: Path) -> None:
    text = """
resource "google_compute_backend_service" "f" {
  backend { group = google_compute_region_network_endpoint_group.f.id }
}
resource "google_compute_region_network_endpoint_group" "f" {
  cloud_function { function = google_cloudfunctions_function.first.name }
}
"""
    (target,) = declared(
        stack(tmp_path, FUNCTIONS + text), "terraform:google_compute_backend_service.f"
    ).targets
    assert target.address == "terraform:google_cloudfunctions_function.first"


def test_a_mapped_domain_is_a_host_of_the_service(tmp_path: Path) -> None:
    text = """
resource "google_cloud_run_domain_mapping" "worker" {
  name = "worker.example.com"
  spec { route_name = google_cloud_run_service.worker.name }
}
"""
    result = stack(tmp_path, RUN + text)
    assert declared(result, ADDRESS).front.hosts == ("worker.example.com",)
    assert [one.address for one in result.declarations] == [ADDRESS]
