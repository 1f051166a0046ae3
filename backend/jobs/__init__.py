"""The durable queue: a row is the job, Redis only makes it quick."""
