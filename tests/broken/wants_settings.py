class Plugin:
    def __init__(self, settings):
        self.settings = settings
