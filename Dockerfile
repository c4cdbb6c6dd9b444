# docker build -t budgetcheck . && docker run --rm --network none --read-only -v "$PWD:/src:ro" budgetcheck
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY budgetcheck budgetcheck
RUN python -m venv /opt/budgetcheck \
    && /opt/budgetcheck/bin/pip install --no-cache-dir . \
    && /opt/budgetcheck/bin/pip uninstall --yes pip \
    && /opt/budgetcheck/bin/python -m compileall -q /opt/budgetcheck

FROM python:3.13-slim
# `diff` reads commits with git.
RUN apt-get update -q \
    && apt-get install -yq --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home budgetcheck
COPY --from=build /opt/budgetcheck /opt/budgetcheck
ENV PATH=/opt/budgetcheck/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /src
ENTRYPOINT ["budgetcheck"]
