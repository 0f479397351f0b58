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
# At any question too: no word that could answer one.
correct = Korrigieren
    .also = korrigiere|korrigier|ich korrigiere|berichtigen|ändern|aendern|Antwort ändern|ich habe mich geirrt|ich habe mich vertan|falsche Antwort
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Fortsetzen
    .also = fortfahren|weitermachen|weiter machen|zurück zum Bot|mit dem Bot reden
drop = Löschen
    .also = loeschen|lösche|lösch|bitte löschen|gelöscht|entfernen|weg damit
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
question-human = Ich kann Ihre Antwort leider nicht verstehen. Sie können auch mit jemandem sprechen.
choice-gone = Diese Auswahl gilt nicht mehr.
photo-added = In Ordnung, das Foto ist dabei.

dialogue-cancelled = In Ordnung, ich breche das hier ab.
dialogue-draft = Dieses Formular hat sich inzwischen geändert. Ihre Antworten bleiben gespeichert. Möchten Sie neu beginnen?
draft-restart = Neu beginnen
dialogue-parked = Eine Anfrage ist noch nicht fertig: „{ $question }“ Möchten Sie sie fortsetzen?
dialogue-dropped = In Ordnung, die Anfrage ist gelöscht.
dialogue-failed = Entschuldigung, das hat nicht geklappt. Ihre Antworten bleiben gespeichert und das Team kann sie sehen.
correct-which = Was möchten Sie korrigieren?
correct-nothing = Im Moment gibt es nichts zu korrigieren.

voice-unheard = Ich habe die Sprachnachricht nicht verstanden. Bitte schreiben Sie es oder sprechen Sie noch einmal.
limited = Sie schicken sehr viele Nachrichten auf einmal. Sie werden gespeichert, aber ich beantworte sie nicht. Bitte schreiben Sie mir in einer Minute wieder.
refused = Ich kenne Ihre Nummer nicht. Bitten Sie Ihren Bauleiter, Sie anzumelden.
blocked = Ihre Nummer ist gesperrt. Sprechen Sie bitte mit Ihrem Bauleiter.
working = ⏳ Ich arbeite noch an Ihrer Anfrage…
apology = Entschuldigung, das dauert bei uns zu lange. Bitte versuchen Sie es gleich noch einmal.
turn-lost = Entschuldigung, ich konnte Ihre Nachricht nicht bearbeiten. Sie ist gespeichert und das Problem ist gemeldet. Bitte versuchen Sie es noch einmal.

escalation-reached = ✅ Ihre Anfrage ist um { $time } bei einer Person aus dem Team angekommen. Sie antwortet Ihnen hier.
escalation-next = Die zuständige Person antwortet nicht. Ich rufe jemand anderen aus dem Team.
escalation-nobody = Ich erreiche gerade niemanden aus dem Team. Ihre Anfrage ist gespeichert. Bei Gefahr rufen Sie die 112 an. Schreiben Sie „{ resume }“, um mit mir weiterzumachen.
escalation-expired = Entschuldigung, das Team hat Ihnen nicht rechtzeitig geantwortet. Ihre Anfrage bleibt gespeichert. Ich bin wieder für Sie da.
escalation-handed-back = Das Gespräch mit dem Team ist beendet. Ich bin wieder für Sie da.
bot-resumed = Ich bin wieder da. Was möchten Sie tun?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) braucht jemanden: { $reason }. { $details }

    Antworten Sie auf diese Nachricht (nach rechts wischen), oder: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Weitergegeben an { $name }. Antworten Sie wieder auf dieselbe Weise; mit „{ resume }“ geben Sie das Gespräch an den Assistenten zurück.
escalation-over = Das Gespräch mit { $name } ist beendet: Der Assistent antwortet wieder.
escalation-reason-asked = möchte mit jemandem sprechen
escalation-reason-task = Frage zu einer Aufgabe
escalation-reason-safety = Frage zur Sicherheit
escalation-reason-other = andere Frage
escalation-reason-slow = wartet zu lange auf eine Antwort
escalation-reason-undelivered = hat unsere Antwort nicht bekommen
escalation-reason-failed = die Nachricht konnte nicht bearbeitet werden
escalation-reason-unfinished = eine wichtige Anfrage ist nicht fertig

language-name-fr = Französisch
language-name-en = Englisch
language-name-es = Spanisch
language-name-pt = Portugiesisch
language-name-de = Deutsch
language-name-it = Italienisch
language-name-ro = Rumänisch
language-name-pl = Polnisch
language-name-ar = Arabisch

media-too-large = Diese Datei ist zu groß für mich. Bitte schicken Sie eine kleinere.
media-refused = Diese Art von Datei kann ich nicht annehmen. Schicken Sie ein Foto, eine Sprachnachricht, ein Video oder ein PDF.
media-broken = Ich kann diese Datei nicht lesen. Bitte schicken Sie sie noch einmal.

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
