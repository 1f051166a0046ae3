"""One module per outside thing. Adapters do as they are told and decide nothing; only `bootstrap` names them."""
