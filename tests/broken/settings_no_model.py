class Plugin:
    Settings = {"key": str}
