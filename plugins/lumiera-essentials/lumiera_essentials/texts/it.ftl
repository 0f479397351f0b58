greeting-hello = Buongiorno { $name } 👷
greeting-hello-nameless = Buongiorno 👷
greeting-who = Sono { $bot }, un assistente automatico. I suoi messaggi vengono registrati per seguire il cantiere. Se non vuole più ricevere messaggi, scriva *STOP*.
greeting-what-next = Cosa vuole fare?

help-menu = ❓ Aiuto
help-answer =
    Ecco come parlare con me:
    ✍️ Scriva, tocchi una riga del menu o risponda con il numero della riga.
    🌐 Per cambiare lingua, scriva il nome della lingua, per esempio *English*.
    ✋ Per non ricevere più messaggi, scriva *STOP*.
    🚨 In caso di emergenza, chiami il 112.

language-menu = 🌐 Lingua
language-which = 🌐 In che lingua vuole parlare?
language-changed = Va bene, da adesso le rispondo in italiano.

stop-answer = Va bene, non riceverà più messaggi. Per riceverli di nuovo, scriva *START*.

start-answer = Che piacere risentirla 👷 Da adesso riceve di nuovo i messaggi.

human-menu = 💬 Parlare con il team
human-about = Passo la richiesta al team. Di cosa si tratta?
human-task = Un lavoro
    .also = lavoro|il lavoro|i miei lavori|compito|un compito
human-safety = La sicurezza
    .also = sicurezza|pericolo|un pericolo|è pericoloso|incidente|infortunio|emergenza
human-other = Altro
    .also = altra cosa|qualcos’altro|un’altra domanda|altra domanda
human-called = Chiamo il team ({ $time }). Non scrivo più fino alla sua risposta. Scriva «{ resume }» per richiamarmi.
human-kept = La sua richiesta è salvata ({ $time }), ma ora nessuno è di turno. Il team la vedrà quando apre il suo elenco. Non scrivo più fino alla sua risposta. Scriva «{ resume }» per richiamarmi.
human-danger = In caso di pericolo, chiami prima il 112.
human-already = Il team ha già la sua richiesta (dalle { $time }).
