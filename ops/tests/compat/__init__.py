"""Earlier releases on newer schemas."""
