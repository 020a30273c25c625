"""What a shop knows of its products: facts, questions and answers, papers, trainings."""
