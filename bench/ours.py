"""A worker process of ours: python -m bench.ours."""

from backend.worker.main import main
from bench.effect import KINDS

if __name__ == "__main__":
    main(KINDS)
