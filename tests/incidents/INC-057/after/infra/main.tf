resource "azurerm_service_plan" "search" {
  name                = "search"
  location            = var.location
  resource_group_name = var.group
  os_type             = "Linux"
  sku_name            = "B1"
}

variable "location" {}

variable "group" {}

resource "azurerm_linux_web_app" "backend" {
  name                = "search-backend"
  location            = var.location
  resource_group_name = var.group
  service_plan_id     = azurerm_service_plan.search.id

  site_config {
    app_command_line = "python3 -m gunicorn main:app"
  }
}
