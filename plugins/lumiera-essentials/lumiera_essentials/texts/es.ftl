greeting-hello = Hola { $name } 👷
greeting-hello-nameless = Hola 👷
greeting-who = Soy { $bot }, un asistente automático. Sus mensajes se guardan para el seguimiento de la obra. Si no quiere recibir más mensajes, escriba *PARAR*.
greeting-what-next = ¿Qué quiere hacer?

help-menu = ❓ Ayuda
help-answer =
    Así puede hablar conmigo:
    ✍️ Escriba, toque una línea del menú o responda con el número de la línea.
    🌐 Para cambiar de idioma, escriba el nombre del idioma, por ejemplo *English*.
    ✋ Para no recibir más mensajes, escriba *PARAR*.
    🚨 En caso de emergencia, llame al 112.

language-menu = 🌐 Idioma
language-which = 🌐 ¿En qué idioma quiere hablar?
language-changed = De acuerdo, a partir de ahora le respondo en español.

stop-answer = De acuerdo, no recibirá más mensajes. Para volver a recibirlos, escriba *START*.

start-answer = Qué bien que haya vuelto 👷 Ya recibe mensajes de nuevo.

human-menu = 💬 Hablar con el equipo
human-about = Lo paso al equipo. ¿De qué se trata?
human-task = Una tarea
    .also = tarea|la tarea|mis tareas|el trabajo|mi trabajo
human-safety = La seguridad
    .also = seguridad|peligro|un peligro|es peligroso|accidente|urgencia|emergencia
human-other = Otra cosa
    .also = otro|otra|otra pregunta|algo más
human-called = Llamo al equipo ({ $time }). No escribo más hasta que responda. Escriba «{ resume }» para que yo vuelva.
human-kept = Su solicitud está guardada ({ $time }), pero ahora no hay nadie de guardia. El equipo la verá al abrir su lista. No escribo más hasta que responda. Escriba «{ resume }» para que yo vuelva.
human-danger = En caso de peligro, llame primero al 112.
human-already = El equipo ya tiene su solicitud (desde las { $time }).
