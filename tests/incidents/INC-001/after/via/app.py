from pyramid.config import Configurator


def create_app(_global_config, **settings):
    with Configurator(settings=settings) as config:
        config.add_route("route_by_content", "/route")
        config.scan("via.views")
    return config.make_wsgi_app()
