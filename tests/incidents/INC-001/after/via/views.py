from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config
from via.details import content_type


@view_config(route_name="route_by_content", request_method="GET")
def route_by_content(request):
    url = request.params["url"]
    viewer = "pdf" if content_type(url) == "application/pdf" else "html"
    return HTTPFound(location=f"/{viewer}?url={url}")
