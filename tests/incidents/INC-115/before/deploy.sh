#!/bin/bash
set -e
gcloud builds submit --tag gcr.io/example/api
gcloud run deploy api --image gcr.io/example/api --platform managed --region europe-west1 --timeout 60m
