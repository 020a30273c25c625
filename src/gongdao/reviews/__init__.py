"""What buyers say of what they bought: ratings, triage, replies."""
