"""What runs inside a job: standard library only, any Python from 3.8, `trackside` not needed."""
