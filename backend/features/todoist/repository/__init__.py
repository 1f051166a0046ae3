"""The queries of Todoist, in bulk: rows go in as one JSON value and come out of one statement."""
