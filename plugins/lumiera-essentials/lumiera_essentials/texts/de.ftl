greeting-hello = Guten Tag { $name } 👷
greeting-hello-nameless = Guten Tag 👷
greeting-who = Ich bin { $bot }, ein automatischer Assistent. Ihre Nachrichten werden für die Baustelle gespeichert. Wenn Sie keine Nachrichten mehr möchten, schreiben Sie *STOPP*.
greeting-what-next = Was möchten Sie tun?

help-menu = ❓ Hilfe
help-answer =
    So sprechen Sie mit mir:
    ✍️ Schreiben Sie, tippen Sie auf eine Zeile im Menü oder antworten Sie mit der Nummer der Zeile.
    🌐 Andere Sprache? Schreiben Sie den Namen der Sprache, zum Beispiel *English*.
    ✋ Keine Nachrichten mehr? Schreiben Sie *STOPP*.
    🚨 Im Notfall rufen Sie die 112 an.

language-menu = 🌐 Sprache
language-which = 🌐 Welche Sprache möchten Sie sprechen?
language-changed = Alles klar, ab jetzt antworte ich auf Deutsch.

stop-answer = Alles klar, Sie bekommen keine Nachrichten mehr. Wenn Sie wieder welche möchten, schreiben Sie *START*.

start-answer = Schön, dass Sie wieder da sind 👷 Sie bekommen jetzt wieder Nachrichten.
