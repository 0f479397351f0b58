yes = Tak
    .also = t|tak tak|jasne|pewnie|ok|okay|okej|dobrze|dobra|zgadza się|👍|✅
no = Nie
    .also = n|nie nie|nie dziękuję|wcale nie|👎|❌
confirm = Potwierdzam
    .also = potwierdź|potwierdzić|potwierdzone|zatwierdź|zatwierdzam|tak|t|ok|okay|okej|dobrze|wyślij|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Anuluj
    .also = anulować|anuluję|anulowane|rezygnuję|przerwij
skip = Pomiń
    .also = pomijam|pominąć|dalej|nic|brak|bez zdjęcia|bez zdjęć|nie|n|nie dziękuję|⏭️
more = ➡️ Więcej
    .also = następne|pokaż więcej|kolejne
# At any question too: no word that could answer one.
correct = Popraw
    .also = poprawić|poprawiam|chcę poprawić|zmień|zmień odpowiedź|pomyliłem się|pomyliłam się|pomyłka|zła odpowiedź
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Wznów
    .also = wznowić|kontynuuj|kontynuować|wróć do bota|powrót do bota
drop = Usuń
    .also = usuwam|usunąć|usuń to|skasuj|kasuj|skasować|wyrzuć
choose = Wybierz
    .also = wybieram
numbers-hint = Proszę odpowiedzieć numerem.

moment-now = Teraz
    .also = właśnie teraz|przed chwilą|w tej chwili
moment-today = Dzisiaj
    .also = dziś|dziś rano|dzisiaj rano|dziś po południu
moment-yesterday = Wczoraj
    .also = dzień wcześniej|wczoraj rano|wczoraj wieczorem

undecided = Nie rozumiem. Oto, co mogę zrobić:
undecided-media = Plik dotarł, ale nie wiem, co z nim zrobić. Oto, co mogę zrobić:
clarify = Nie wiem, czy dobrze rozumiem. O co chodzi?
question-missed = Nie rozumiem tej odpowiedzi.
question-human = Nie mogę zrozumieć tej odpowiedzi. Można też porozmawiać z kimś z zespołu.
choice-gone = Ten wybór nie jest już ważny.
photo-added = Dobrze, zdjęcie jest dodane.

dialogue-cancelled = Dobrze, przerywam to zgłoszenie.
dialogue-draft = Ten formularz zmienił się w międzyczasie. Odpowiedzi są zapisane. Czy zacząć od nowa?
draft-restart = Zacznij od nowa
dialogue-parked = Jedno zgłoszenie nie jest skończone: „{ $question }” Czy je wznowić?
dialogue-dropped = Dobrze, zgłoszenie jest usunięte.
dialogue-failed = Przepraszam, to się nie udało. Odpowiedzi są zapisane i zespół może je zobaczyć.
correct-which = Co trzeba poprawić?
correct-nothing = Na razie nie ma nic do poprawienia.

voice-unheard = Nie rozumiem wiadomości głosowej. Proszę ją napisać albo powiedzieć jeszcze raz.
limited = Przychodzi bardzo dużo wiadomości naraz. Są zapisane, ale na nie nie odpowiadam. Proszę napisać ponownie za minutę.
refused = Nie znam tego numeru. Proszę poprosić kierownika budowy o rejestrację.
blocked = Ten numer jest zablokowany. Proszę porozmawiać z kierownikiem budowy.
working = ⏳ Jeszcze nad tym pracuję…
apology = Przepraszam, to trwa u nas za długo. Proszę spróbować ponownie za chwilę.
turn-lost = Przepraszam, nie udało się obsłużyć tej wiadomości. Jest zapisana, a problem został zgłoszony. Proszę spróbować ponownie.

escalation-reached = ✅ Zgłoszenie dotarło do osoby z zespołu ({ $time }). Odpowiedź przyjdzie tutaj.
escalation-next = Osoba na dyżurze nie odpowiada. Wzywam kogoś innego z zespołu.
escalation-nobody = Teraz nie mogę skontaktować się z nikim z zespołu. Zgłoszenie jest zapisane. W razie zagrożenia proszę dzwonić pod numer 112. Aby wrócić do rozmowy ze mną, proszę napisać „{ resume }”.
escalation-expired = Przepraszam, zespół nie odpowiedział na czas. Zgłoszenie jest nadal zapisane. Znów jestem do dyspozycji.
escalation-handed-back = Rozmowa z zespołem jest zakończona. Znów jestem do dyspozycji.
bot-resumed = Już jestem. W czym mogę pomóc?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) potrzebuje pomocy: { $reason }. { $details }

    Proszę odpowiedzieć na tę wiadomość (przesunąć ją) albo: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Przekazano: { $name }. Proszę odpowiadać dalej w ten sam sposób; odpowiedź „{ resume }” oddaje rozmowę asystentowi.
escalation-over = Rozmowa z { $name } jest zakończona: asystent znowu odpowiada.
escalation-reason-asked = prośba o rozmowę z kimś
escalation-reason-task = pytanie o zadanie
escalation-reason-safety = pytanie o bezpieczeństwo
escalation-reason-other = inne pytanie
escalation-reason-slow = zbyt długie oczekiwanie na odpowiedź
escalation-reason-undelivered = nasza odpowiedź nie dotarła
escalation-reason-failed = nie udało się obsłużyć wiadomości
escalation-reason-unfinished = ważne zgłoszenie nie jest skończone

language-name-fr = Francuski
language-name-en = Angielski
language-name-es = Hiszpański
language-name-pt = Portugalski
language-name-de = Niemiecki
language-name-it = Włoski
language-name-ro = Rumuński
language-name-pl = Polski
language-name-ar = Arabski

media-too-large = Ten plik jest dla mnie za duży. Proszę wysłać mniejszy.
media-refused = Nie mogę zapisać pliku tego rodzaju. Proszę wysłać zdjęcie, wiadomość głosową, film albo PDF.
media-broken = Nie mogę odczytać tego pliku. Proszę wysłać go jeszcze raz.

error-user_1001 = Nie mogę znaleźć tego konta. Proszę poprosić kierownika budowy o rejestrację.
error-user_1002 = Brak uprawnień do tej czynności. Proszę porozmawiać z kierownikiem budowy.
error-user_1003 = Ten numer telefonu jest nieprawidłowy. Proszę porozmawiać z kierownikiem budowy.
error-project_2001 = Nie ma takiej budowy na Państwa liście. Proszę sprawdzić nazwę.
error-project_2002 = Nie ma jeszcze żadnej przypisanej budowy. Proszę poprosić kierownika budowy o przypisanie.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Nie mogę znaleźć tego zadania. Proszę wybrać inne.
error-project_2005 = Nie mogę znaleźć tego dokumentu. Proszę wybrać inny.
error-integration_3001 = Przepraszam, dane są teraz niedostępne. Proszę spróbować ponownie za kilka minut.
error-integration_3002 = Przepraszam, dane z budowy są teraz niedostępne. Proszę spróbować ponownie za kilka minut.
error-integration_3003 = Przepraszam, nie udało się wysłać wiadomości. Proszę spróbować ponownie za kilka minut.
error-integration_3004 = Przepraszam, nie udało się przetłumaczyć tej wiadomości. Proszę napisać to innymi słowami.
error-integration_3005 = Przepraszam, nie udało się odsłuchać wiadomości głosowej. Proszę to napisać.
error-logic_4001 = Nie rozumiem tej prośby. Proszę napisać to innymi słowami.
error-logic_4002 = Tego już nie mogę zrobić. Proszę wybrać coś innego.
error-logic_4003 = Ta odpowiedź nie pasuje. Proszę ją sprawdzić i spróbować ponownie.
error-logic_4004 = Nasza rozmowa się urwała. Proszę napisać jeszcze raz, o co chodzi.
error-system_5001 = Przepraszam, mamy problem po naszej stronie. Proszę spróbować ponownie za kilka minut.
error-system_5002 = Przepraszam, to trwa za długo. Proszę spróbować ponownie za kilka minut.
error-system_5003 = Przepraszam, ta usługa teraz nie działa. Proszę spróbować później.
error-system_5004 = Przepraszam, nie mogę teraz na to odpowiedzieć. Proszę spróbować później.
