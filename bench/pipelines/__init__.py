"""What a pipeline costs beyond the processes of its tasks, beside the local runner of KFP's SDK."""
