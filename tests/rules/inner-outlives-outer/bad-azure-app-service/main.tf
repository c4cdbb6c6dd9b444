resource "azurerm_linux_web_app" "search" {
  name = "search-prod"

  site_config {
    app_command_line = "gunicorn main:app --timeout 600 --graceful-timeout 600 --bind 0.0.0.0:8000"
  }
}
