resource "azurerm_application_gateway" "edge" {
  name = "edge"

  backend_address_pool {
    name  = "search"
    fqdns = [azurerm_linux_web_app.search.default_hostname]
  }

  backend_http_settings {
    name     = "plain"
    port     = 443
    protocol = "Https"
  }

  http_listener {
    name      = "public"
    host_name = "search.example.com"
  }

  request_routing_rule {
    name                       = "search"
    rule_type                  = "Basic"
    http_listener_name         = "public"
    backend_address_pool_name  = "search"
    backend_http_settings_name = "plain"
  }
}

resource "azurerm_linux_web_app" "search" {
  name = "search-prod"

  site_config {
    app_command_line = "gunicorn main:app --timeout 120 --graceful-timeout 120"
  }
}
