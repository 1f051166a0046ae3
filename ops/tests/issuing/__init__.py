"""Each issuer of secrets against the server that takes or refuses them."""
