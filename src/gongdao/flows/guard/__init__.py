"""Stories of the guard: looking, telling, asking once more, holding, and being contradicted."""
