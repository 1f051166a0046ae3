"""The endpoints of the stand-in, one module for each noun of the API."""
