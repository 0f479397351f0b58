yes = Da
    .also = d|da da|sigur|desigur|ok|okay|bine|corect|exact|de acord|👍|✅
no = Nu
    .also = n|nu nu|nu mulțumesc|deloc|👎|❌
confirm = Confirm
    .also = confirmă|confirmați|confirmat|da|d|ok|okay|bine|sigur|de acord|trimite|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Anulați
    .also = anulează|anulare|anulat|anulez|renunț|renunțați
skip = Săriți peste
    .also = sari peste|sar peste|omite|nimic|niciunul|niciuna|fără poză|fără poze|nu|n|nu mulțumesc|⏭️
more = ➡️ Mai mult
    .also = mai departe|înainte|următorul
# At any question too: no word that could answer one.
correct = Corectați
    .also = corectează|corectez|corectare|vreau să corectez|modifică|modificați|am greșit|m-am înșelat|schimbă răspunsul
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Reluați
    .also = reia|reluare|continuați|continuare|înapoi la bot|vorbesc cu botul
drop = Ștergeți
    .also = șterge|șterg|ștergere|șterge-o|eliminați|elimină|elimin
choose = Alegeți
    .also = alege
numbers-hint = Răspundeți cu un număr.

moment-now = Acum
    .also = chiar acum|în acest moment|adineauri
moment-today = Astăzi
    .also = azi|azi dimineață|în dimineața asta|azi după-amiază
moment-yesterday = Ieri
    .also = cu o zi înainte|ieri dimineață|ieri seară

undecided = Nu am înțeles. Iată ce pot face:
undecided-media = Am primit fișierul, dar nu știu ce să fac cu el. Iată ce pot face:
clarify = Nu sunt sigur că am înțeles. Ce doriți să faceți?
question-missed = Nu am înțeles răspunsul dumneavoastră.
question-human = Nu reușesc să vă înțeleg răspunsul. Puteți vorbi și cu cineva din echipă.
choice-gone = Această alegere nu mai este valabilă.
photo-added = Bine, poza este adăugată.

dialogue-cancelled = Bine, opresc această cerere.
dialogue-draft = Acest formular s-a schimbat între timp. Răspunsurile dumneavoastră sunt păstrate. Doriți să începeți din nou?
draft-restart = Începeți din nou
dialogue-parked = O cerere nu este terminată: „{ $question }” Doriți să o reluați?
dialogue-dropped = Bine, cererea este ștearsă.
dialogue-failed = Îmi pare rău, nu a mers. Răspunsurile dumneavoastră sunt păstrate și echipa le poate vedea.
correct-which = Ce doriți să corectați?
correct-nothing = Deocamdată nu este nimic de corectat.

voice-unheard = Nu am înțeles mesajul vocal. Vă rog să-l scrieți sau să-l spuneți încă o dată.
limited = Trimiteți multe mesaje deodată. Sunt păstrate, dar nu răspund la ele. Vă rog să-mi scrieți din nou peste un minut.
refused = Nu vă cunosc numărul. Rugați-l pe șeful de șantier să vă înregistreze.
blocked = Numărul dumneavoastră este blocat. Vorbiți cu șeful de șantier.
working = ⏳ Încă lucrez la cererea dumneavoastră…
apology = Îmi pare rău, durează prea mult la noi. Vă rog să încercați din nou puțin mai târziu.
turn-lost = Îmi pare rău, nu am putut prelucra mesajul. Este păstrat și problema este semnalată. Vă rog să încercați din nou.

escalation-reached = ✅ Cererea dumneavoastră a ajuns la o persoană din echipă la { $time }. Vă va răspunde aici.
escalation-next = Persoana de serviciu nu răspunde. Chem pe altcineva din echipă.
escalation-nobody = Acum nu pot contacta pe nimeni din echipă. Cererea dumneavoastră este păstrată. În caz de pericol, sunați la 112. Scrieți „{ resume }” ca să continuați cu mine.
escalation-expired = Îmi pare rău, echipa nu v-a răspuns la timp. Cererea dumneavoastră rămâne păstrată. Sunt din nou aici pentru dumneavoastră.
escalation-handed-back = Discuția cu echipa s-a încheiat. Sunt din nou aici pentru dumneavoastră.
bot-resumed = Sunt din nou aici. Ce doriți să faceți?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) are nevoie de cineva: { $reason }. { $details }

    Răspundeți la acest mesaj (glisați-l), sau: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Trimis către { $name }. Răspundeți din nou în același fel; răspundeți „{ resume }” pentru a da conversația înapoi asistentului.
escalation-over = Conversația cu { $name } s-a încheiat: asistentul răspunde din nou.
escalation-reason-asked = cere să vorbească cu cineva
escalation-reason-task = întrebare despre o sarcină
escalation-reason-safety = întrebare despre siguranță
escalation-reason-other = altă întrebare
escalation-reason-slow = așteaptă de prea mult timp un răspuns
escalation-reason-undelivered = nu a primit răspunsul nostru
escalation-reason-failed = mesajul său nu a putut fi prelucrat
escalation-reason-unfinished = o cerere importantă nu este terminată

language-name-fr = Franceză
language-name-en = Engleză
language-name-es = Spaniolă
language-name-pt = Portugheză
language-name-de = Germană
language-name-it = Italiană
language-name-ro = Română
language-name-pl = Poloneză
language-name-ar = Arabă

media-too-large = Acest fișier este prea mare pentru mine. Vă rog să trimiteți unul mai mic.
media-refused = Nu pot păstra acest tip de fișier. Trimiteți o poză, un mesaj vocal, un videoclip sau un PDF.
media-broken = Nu pot citi acest fișier. Vă rog să-l trimiteți încă o dată.

error-user_1001 = Nu găsesc contul dumneavoastră. Rugați-l pe șeful de șantier să vă înregistreze.
error-user_1002 = Nu aveți voie să faceți acest lucru. Vorbiți cu șeful de șantier.
error-user_1003 = Numărul dumneavoastră de telefon nu este valabil. Vorbiți cu șeful de șantier.
error-project_2001 = Nu găsesc acest șantier printre ale dumneavoastră. Vă rog să verificați numele.
error-project_2002 = Nu aveți încă niciun șantier. Rugați-l pe șeful de șantier să vă dea unul.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Nu găsesc această sarcină. Vă rog să alegeți alta.
error-project_2005 = Nu găsesc acest document. Vă rog să alegeți altul.
error-integration_3001 = Îmi pare rău, acum nu am acces la date. Încercați din nou peste câteva minute.
error-integration_3002 = Îmi pare rău, acum nu am acces la datele șantierului. Încercați din nou peste câteva minute.
error-integration_3003 = Îmi pare rău, mesajul nu a putut fi trimis. Încercați din nou peste câteva minute.
error-integration_3004 = Îmi pare rău, nu am putut traduce acest mesaj. Scrieți-l cu alte cuvinte.
error-integration_3005 = Îmi pare rău, nu am putut asculta mesajul vocal. Vă rog să-l scrieți.
error-logic_4001 = Nu am înțeles cererea dumneavoastră. Scrieți-o cu alte cuvinte.
error-logic_4002 = Nu mai pot face acest lucru. Vă rog să alegeți altceva.
error-logic_4003 = Acest răspuns nu este bun. Verificați-l și încercați din nou.
error-logic_4004 = Am pierdut firul discuției. Spuneți-mi încă o dată ce doriți să faceți.
error-system_5001 = Îmi pare rău, este o problemă la noi. Încercați din nou peste câteva minute.
error-system_5002 = Îmi pare rău, durează prea mult. Încercați din nou peste câteva minute.
error-system_5003 = Îmi pare rău, acest serviciu nu funcționează acum. Încercați mai târziu.
error-system_5004 = Îmi pare rău, acum nu pot răspunde la asta. Încercați mai târziu.
