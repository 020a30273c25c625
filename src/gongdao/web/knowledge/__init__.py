"""Pages of what a shop knows: articles, open questions, trainings, papers."""
