from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    timeout: float = 5


settings = Settings()
