"""What has meters: ships and houses, their devices and channels."""
