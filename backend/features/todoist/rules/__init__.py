"""What a sync decides, without looking anywhere: forms, merging, commands, drift."""
