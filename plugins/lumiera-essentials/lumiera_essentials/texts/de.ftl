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

human-menu = 💬 Mit dem Team reden
human-about = Ich gebe das an das Team weiter. Worum geht es?
human-task = Eine Aufgabe
    .also = Aufgabe|die Aufgabe|meine Aufgaben|die Arbeit|meine Arbeit
human-safety = Die Sicherheit
    .also = Sicherheit|Gefahr|eine Gefahr|es ist gefährlich|Unfall|Notfall
human-other = Etwas anderes
    .also = anderes|andere Frage|eine andere Frage|was anderes|sonstiges
human-called = Ich rufe das Team ({ $time }). Bis zur Antwort schreibe ich nichts. Schreiben Sie „{ resume }“, damit ich wiederkomme.
human-kept = Ihre Anfrage ist gespeichert ({ $time }), aber gerade ist niemand im Dienst. Das Team sieht sie, wenn es seine Liste öffnet. Bis zur Antwort schreibe ich nichts. Schreiben Sie „{ resume }“, damit ich wiederkomme.
human-danger = Bei Gefahr rufen Sie zuerst die 112 an.
human-already = Das Team hat Ihre Anfrage schon (seit { $time }).
