// placeholder until the solver room is built
