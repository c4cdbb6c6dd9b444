"""AWS CloudFormation, SAM and the Serverless Framework: their resources as those of Terraform's catalogue."""

from budgetcheck.readers.cloudformation.read import containers, handlers, read

__all__ = ["containers", "handlers", "read"]
