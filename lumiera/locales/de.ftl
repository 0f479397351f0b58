yes = Ja
    .also = j|jo|jep|jawohl|klar|ok|okay|genau|stimmt|richtig|in Ordnung|👍|✅
no = Nein
    .also = n|nee|ne|nö|nein danke|auf keinen Fall|👎|❌
confirm = Bestätigen
    .also = bestätige|bestätigt|ich bestätige|ja|j|ok|okay|klar|stimmt|passt|senden|abschicken|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Abbrechen
    .also = abgebrochen|bitte abbrechen|brechen Sie ab|stornieren|vergessen Sie es
skip = Überspringen
    .also = ueberspringen|weglassen|nichts|keine|keins|kein Foto|keine Fotos|nein|n|nein danke|⏭️
more = ➡️ Weiter
    .also = mehr|nächste|mehr anzeigen
choose = Auswählen
numbers-hint = Antworten Sie mit einer Nummer.

moment-now = Jetzt
    .also = gerade|gerade eben|eben|sofort|im Moment
moment-today = Heute
    .also = heute Morgen|heute früh|heute Nachmittag
moment-yesterday = Gestern
    .also = am Vortag|gestern Morgen|gestern Abend

undecided = Das habe ich nicht verstanden. Das kann ich für Sie tun:
undecided-media = Ich habe Ihre Datei bekommen, weiß aber nicht, was ich damit tun soll. Das kann ich für Sie tun:
clarify = Ich bin nicht sicher, ob ich Sie verstehe. Was möchten Sie tun?
question-missed = Ich habe Ihre Antwort nicht verstanden.
choice-gone = Diese Auswahl gilt nicht mehr.
photo-added = In Ordnung, das Foto ist dabei.

dialogue-cancelled = In Ordnung, ich breche das hier ab.
dialogue-draft = Dieses Formular hat sich inzwischen geändert. Ihre Antworten bleiben gespeichert. Möchten Sie neu beginnen?
draft-restart = Neu beginnen

voice-unheard = Ich habe die Sprachnachricht nicht verstanden. Bitte schreiben Sie es oder sprechen Sie noch einmal.
limited = Sie schicken sehr viele Nachrichten auf einmal. Sie werden gespeichert, aber ich beantworte sie nicht. Bitte schreiben Sie mir in einer Minute wieder.
refused = Ich kenne Ihre Nummer nicht. Bitten Sie Ihren Bauleiter, Sie anzumelden.
blocked = Ihre Nummer ist gesperrt. Sprechen Sie bitte mit Ihrem Bauleiter.
working = ⏳ Ich arbeite noch an Ihrer Anfrage…
apology = Entschuldigung, das dauert bei uns zu lange. Bitte versuchen Sie es gleich noch einmal.
turn-lost = Entschuldigung, ich konnte Ihre Nachricht nicht bearbeiten. Sie ist gespeichert und das Problem ist gemeldet. Bitte versuchen Sie es noch einmal.

language-name-fr = Französisch
language-name-en = Englisch
language-name-es = Spanisch
language-name-pt = Portugiesisch
language-name-de = Deutsch
language-name-it = Italienisch
language-name-ro = Rumänisch
language-name-pl = Polnisch
language-name-ar = Arabisch

error-user_1001 = Ich finde Ihr Konto nicht. Bitten Sie Ihren Bauleiter, Sie anzumelden.
error-user_1002 = Das dürfen Sie leider nicht tun. Sprechen Sie bitte mit Ihrem Bauleiter.
error-user_1003 = Ihre Telefonnummer ist nicht gültig. Sprechen Sie bitte mit Ihrem Bauleiter.
error-project_2001 = Ich finde diese Baustelle nicht bei Ihren Baustellen. Bitte prüfen Sie den Namen.
error-project_2002 = Sie haben noch keine Baustelle. Bitten Sie Ihren Bauleiter, Ihnen eine zuzuteilen.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Ich finde diese Aufgabe nicht. Bitte wählen Sie eine andere.
error-project_2005 = Ich finde dieses Dokument nicht. Bitte wählen Sie ein anderes.
error-integration_3001 = Entschuldigung, ich komme gerade nicht an die Daten. Bitte versuchen Sie es in ein paar Minuten noch einmal.
error-integration_3002 = Entschuldigung, ich komme gerade nicht an die Daten der Baustelle. Bitte versuchen Sie es in ein paar Minuten noch einmal.
error-integration_3003 = Entschuldigung, die Nachricht konnte nicht gesendet werden. Bitte versuchen Sie es in ein paar Minuten noch einmal.
error-integration_3004 = Entschuldigung, ich konnte diese Nachricht nicht übersetzen. Bitte schreiben Sie es mit anderen Worten.
error-integration_3005 = Entschuldigung, ich konnte Ihre Sprachnachricht nicht anhören. Bitte schreiben Sie es.
error-logic_4001 = Ich habe Ihre Anfrage nicht verstanden. Bitte schreiben Sie es mit anderen Worten.
error-logic_4002 = Das kann ich nicht mehr tun. Bitte wählen Sie etwas anderes.
error-logic_4003 = Diese Antwort passt nicht. Bitte prüfen Sie sie und versuchen Sie es noch einmal.
error-logic_4004 = Ich habe den Faden verloren. Bitte sagen Sie mir noch einmal, was Sie tun möchten.
error-system_5001 = Entschuldigung, bei uns gibt es ein Problem. Bitte versuchen Sie es in ein paar Minuten noch einmal.
error-system_5002 = Entschuldigung, das dauert zu lange. Bitte versuchen Sie es in ein paar Minuten noch einmal.
error-system_5003 = Entschuldigung, dieser Dienst geht gerade nicht. Bitte versuchen Sie es später noch einmal.
error-system_5004 = Entschuldigung, darauf kann ich gerade nicht antworten. Bitte versuchen Sie es später noch einmal.
