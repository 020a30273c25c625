"""Knowledge of a shop: articles, gaps, trainings and papers, as its people use them."""
