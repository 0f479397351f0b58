from lumiera import hookimpl


@hookimpl(wrapper=True)
def register_intents():
    return (yield)
