"""Settings from the environment, with the values that production uses as defaults."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    llm_timeout: float = 10.0
    search_url: str = "https://search.example.com"
    search_attempts: int = 3


settings = Settings()
