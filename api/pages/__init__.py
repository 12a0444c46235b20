"""The pages: server-rendered, readable without script, every number a link to what bears it."""
