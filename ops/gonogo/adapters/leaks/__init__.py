"""Where a secret could be read by others: the git history, the tree, what is copied into an image, the image itself."""
