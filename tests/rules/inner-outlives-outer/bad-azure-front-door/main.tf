resource "azurerm_cdn_frontdoor_profile" "edge" {
  name                     = "edge"
  sku_name                 = "Standard_AzureFrontDoor"
  response_timeout_seconds = 60
}

resource "azurerm_cdn_frontdoor_origin_group" "search" {
  name                     = "search"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.edge.id
}

resource "azurerm_cdn_frontdoor_origin" "search" {
  name                          = "search"
  cdn_frontdoor_origin_group_id = azurerm_cdn_frontdoor_origin_group.search.id
  host_name                     = azurerm_linux_web_app.search.default_hostname
}

resource "azurerm_cdn_frontdoor_route" "search" {
  name                          = "search"
  cdn_frontdoor_origin_group_id = azurerm_cdn_frontdoor_origin_group.search.id
  cdn_frontdoor_origin_ids      = [azurerm_cdn_frontdoor_origin.search.id]
  patterns_to_match             = ["/api/*"]
}

resource "azurerm_linux_web_app" "search" {
  name = "search-prod"

  site_config {
    app_command_line = "gunicorn main:app --timeout 120 --graceful-timeout 120"
  }
}
