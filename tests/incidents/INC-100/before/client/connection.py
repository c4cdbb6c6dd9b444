import urllib3

RETRIES = urllib3.Retry(
    total=3,
    backoff_factor=2,
    status_forcelist=(
        500,  # Internal Server Error
        502,  # Bad Gateway
        503,  # Service Unavailable
        504,  # Gateway Timeout
    ),
    raise_on_status=False,
    allowed_methods=None,
)
POOL = urllib3.HTTPSConnectionPool(host="api.example.org", port=443, retries=RETRIES)


def http_post(path, data):
    return POOL.urlopen("POST", path, body=data, headers={"Content-Type": "application/xml"})
