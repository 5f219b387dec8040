"""The project package, and the app for everything that managers and recruiters share."""
