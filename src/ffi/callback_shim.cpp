// placeholder until the callbacks are built
