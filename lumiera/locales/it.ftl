yes = Sì
    .also = s|sì sì|ok|okay|va bene|certo|d’accordo|esatto|giusto|👍|✅
no = No
    .also = n|no no|no grazie|per niente|👎|❌
confirm = Confermare
    .also = conferma|confermo|confermato|sì|s|ok|okay|va bene|certo|d’accordo|inviare|invia|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Annullare
    .also = annulla|annulli|annullato|annullo|lasciamo stare|lasci stare
skip = Saltare
    .also = salta|salto|passo|niente|nulla|nessuno|nessuna|nessuna foto|no|n|no grazie|⏭️
more = ➡️ Avanti
    .also = altro|altri|successivo|vedi altro
# At any question too: no word that could answer one.
correct = Correggere
    .also = correggi|correggo|corregga|vorrei correggere|modificare|modifica|ho sbagliato|mi sono sbagliato|mi sono sbagliata|cambio risposta
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Riprendere
    .also = riprendi|riprenderla|continuare|tornare al bot|torna al bot|parlare con il bot
drop = Eliminare
    .also = elimina|elimino|elimini|eliminala|cancellare|cancella|cancelli|buttare via
choose = Scegliere
    .also = scegli
numbers-hint = Risponda con un numero.

moment-now = Adesso
    .also = ora|proprio ora|in questo momento|subito
moment-today = Oggi
    .also = stamattina|questa mattina|oggi pomeriggio
moment-yesterday = Ieri
    .also = il giorno prima|ieri mattina|ieri sera

undecided = Non ho capito. Ecco cosa posso fare:
undecided-media = Ho ricevuto il suo file, ma non so che cosa farne. Ecco cosa posso fare:
clarify = Non sono sicuro di aver capito. Cosa vuole fare?
question-missed = Non ho capito la sua risposta.
question-human = Non riesco a capire la sua risposta. Può anche parlare con qualcuno.
choice-gone = Questa scelta non è più valida.
photo-added = Va bene, la foto è aggiunta.

dialogue-cancelled = Va bene, interrompo questa richiesta.
dialogue-draft = Questo modulo nel frattempo è cambiato. Le sue risposte sono salvate. Vuole ricominciare?
draft-restart = Ricominciare
dialogue-parked = Una richiesta non è finita: «{ $question }» Vuole riprenderla?
dialogue-dropped = Va bene, la richiesta è eliminata.
dialogue-failed = Mi dispiace, non ha funzionato. Le sue risposte sono salvate e il team può vederle.
correct-which = Che cosa vuole correggere?
correct-nothing = Per ora non c’è niente da correggere.

voice-unheard = Non ho capito il messaggio vocale. Per favore, lo scriva o lo ripeta.
limited = Sta inviando molti messaggi insieme. Vengono salvati, ma non rispondo. Mi scriva di nuovo tra un minuto, per favore.
refused = Non conosco il suo numero. Chieda al suo capocantiere di registrarla.
blocked = Il suo numero è bloccato. Ne parli con il suo capocantiere.
working = ⏳ Sto ancora lavorando alla sua richiesta…
apology = Mi dispiace, da parte nostra ci vuole troppo tempo. Riprovi tra poco, per favore.
turn-lost = Mi dispiace, non ho potuto gestire il suo messaggio. È salvato e il problema è stato segnalato. Riprovi, per favore.

escalation-reached = ✅ La sua richiesta è arrivata a una persona del team ({ $time }). Le risponderà qui.
escalation-next = La persona di turno non risponde. Chiamo un’altra persona del team.
escalation-nobody = Ora non riesco a contattare nessuno del team. La sua richiesta è salvata. In caso di pericolo, chiami il 112. Scriva «{ resume }» per continuare con me.
escalation-expired = Mi dispiace, il team non le ha risposto in tempo. La sua richiesta resta salvata. Sono di nuovo qui per lei.
escalation-handed-back = La conversazione con il team è finita. Sono di nuovo qui per lei.
bot-resumed = Eccomi di nuovo. Cosa vuole fare?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) ha bisogno di qualcuno: { $reason }. { $details }

    Risponda a questo messaggio (lo faccia scorrere), oppure: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Inoltrato a { $name }. Risponda ancora nello stesso modo; risponda «{ resume }» per ridare la conversazione all’assistente.
escalation-over = La conversazione con { $name } è finita: l’assistente risponde di nuovo.
escalation-reason-asked = chiede di parlare con qualcuno
escalation-reason-task = domanda su un lavoro da fare
escalation-reason-safety = domanda sulla sicurezza
escalation-reason-other = altra domanda
escalation-reason-slow = aspetta una risposta da troppo tempo
escalation-reason-undelivered = non ha ricevuto la nostra risposta
escalation-reason-failed = non è stato possibile gestire il suo messaggio
escalation-reason-unfinished = una richiesta importante non è finita

language-name-fr = Francese
language-name-en = Inglese
language-name-es = Spagnolo
language-name-pt = Portoghese
language-name-de = Tedesco
language-name-it = Italiano
language-name-ro = Rumeno
language-name-pl = Polacco
language-name-ar = Arabo

media-too-large = Questo file è troppo grande per me. Ne invii uno più piccolo, per favore.
media-refused = Non posso salvare questo tipo di file. Invii una foto, un messaggio vocale, un video o un PDF.
media-broken = Non riesco a leggere questo file. Lo invii ancora una volta, per favore.

error-user_1001 = Non trovo il suo account. Chieda al suo capocantiere di registrarla.
error-user_1002 = Non ha il permesso di farlo. Ne parli con il suo capocantiere.
error-user_1003 = Il suo numero di telefono non è valido. Ne parli con il suo capocantiere.
error-project_2001 = Non trovo questo cantiere tra i suoi. Controlli il nome, per favore.
error-project_2002 = Non ha ancora un cantiere. Chieda al suo capocantiere di assegnargliene uno.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Non trovo questa attività. Ne scelga un’altra, per favore.
error-project_2005 = Non trovo questo documento. Ne scelga un altro, per favore.
error-integration_3001 = Mi dispiace, ora non riesco a leggere i dati. Riprovi tra qualche minuto.
error-integration_3002 = Mi dispiace, ora non riesco a leggere i dati del cantiere. Riprovi tra qualche minuto.
error-integration_3003 = Mi dispiace, non è stato possibile inviare il messaggio. Riprovi tra qualche minuto.
error-integration_3004 = Mi dispiace, non sono riuscito a tradurre questo messaggio. Lo scriva con altre parole.
error-integration_3005 = Mi dispiace, non sono riuscito ad ascoltare il suo messaggio vocale. Lo scriva, per favore.
error-logic_4001 = Non ho capito la sua richiesta. La scriva con altre parole.
error-logic_4002 = Non posso più farlo. Scelga qualcos’altro, per favore.
error-logic_4003 = Questa risposta non va bene. La controlli e riprovi.
error-logic_4004 = Ho perso il filo della conversazione. Mi dica di nuovo cosa vuole fare.
error-system_5001 = Mi dispiace, c’è un problema da parte nostra. Riprovi tra qualche minuto.
error-system_5002 = Mi dispiace, ci vuole troppo tempo. Riprovi tra qualche minuto.
error-system_5003 = Mi dispiace, questo servizio ora non funziona. Riprovi più tardi.
error-system_5004 = Mi dispiace, ora non posso rispondere a questo. Riprovi più tardi.
