"""AWS CloudFormation, SAM and the Serverless Framework: their resources as those of Terraform's catalogue."""

from budgetcheck.readers.cloudformation.read import containers, read

__all__ = ["containers", "read"]
