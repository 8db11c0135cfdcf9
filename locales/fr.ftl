### Français. Un message par phrase ; `{ $n }` compte, et choisit la forme selon les règles de pluriel (CLDR).
### L'espace devant « : », « ; », « ! » et « ? » est insécable (U+00A0), celle des milliers est fine (U+202F).

## Nombres, tailles, durées et dates.

decimal-mark = ,
thousands-mark = { "\u202F" }
unit-byte = o
unit-kilo = ko
unit-mega = Mo
unit-giga = Go
unit-tera = To
unit-peta = Po
unit-minute = min
unit-hour = h
unit-day = j
# Un nombre et son unité.
measure = { $number } { $unit }
weekday-1 = lun.
weekday-2 = mar.
weekday-3 = mer.
weekday-4 = jeu.
weekday-5 = ven.
weekday-6 = sam.
weekday-7 = dim.
month-1 = janv.
month-2 = févr.
month-3 = mars
month-4 = avr.
month-5 = mai
month-6 = juin
month-7 = juil.
month-8 = août
month-9 = sept.
month-10 = oct.
month-11 = nov.
month-12 = déc.
# Le premier jour du mois.
first-of-month = 1er
date = { $weekday } { $day } { $month } { $year }
date-and-time = { $date }, { $time }
ago = il y a { $span }

## Pages.

never = jamais
none = aucun
overview = Vue d'ensemble
alerts = Alertes
agents = Agents
skip = Aller au contenu
written = Écrite
reload = Recharger
new-figures = De nouveaux chiffres sont prêts.
no-script = JavaScript est désactivé : cette page ne peut pas dire d'elle-même qu'elle est trop ancienne. Regardez l'heure à laquelle elle a été écrite. Tout le reste est complet.
no-script-timeless = JavaScript est désactivé : cette page ne peut pas dire son âge et reste grise. La vue d'ensemble indique quand le site a été écrit. Tout le reste est complet.
times-are = Heures de { $timezone }
same-as-json = Les mêmes données en JSON

## Page périmée, pour le navigateur.

stale-heading = Impossible de dire si les sauvegardes sont sûres
stale-text = Ce site ne se met plus à jour depuis { $span }. Ne vous fiez pas aux chiffres ci-dessous. Vérifiez sur le serveur que cron ou le minuteur lance encore backupmon : backupmon doctor
unknown-since = Inconnu depuis le { $time }
stamp-missing = Le fichier data/stamp.js est illisible : impossible de dire l'âge de cette page.
clock-ahead = Cette page est datée du futur : l'horloge de ce poste ou celle du serveur est fausse, les âges affichés ne sont pas fiables.
not-yet-known = Recherche de l'heure du dernier passage. D'ici là, rien ne dit que cette page est à jour.

## Verdict.

safe = { $n ->
    [one] La sauvegarde est sûre
   *[other] Les { $n } sauvegardes sont sûres
}
running-late = Aucune sauvegarde à risque, { $n } en retard
at-risk = { $n ->
    [one] { $n } sauvegarde sur { $total } est à risque
   *[other] { $n } sauvegardes sur { $total } sont à risque
}
agents-trouble = Les { $total } sauvegardes sont sûres, mais autre chose demande attention
worth-a-look = Aucune sauvegarde à risque, { $n } à regarder
cannot-say = Impossible de dire si les sauvegardes sont sûres
no-jobs = Aucune sauvegarde n'est attendue : aucune tâche n'est surveillée, rien n'a donc été vérifié.
no-scan = Aucun passage n'est encore allé à son terme : rien n'est connu.
old-scan = Le dernier passage s'est terminé le { $time }. Rien de plus récent n'est connu.
nothing-judged = Aucune des sauvegardes attendues n'a encore été jugée.
verified = { $n ->
    [one] { $n } a une copie vérifiée.
   *[other] { $n } ont une copie vérifiée.
}
late = { $n ->
    [one] { $n } est en retard, avant son échéance.
   *[other] { $n } sont en retard, avant leur échéance.
}
pending = { $n ->
    [one] { $n } n'est pas encore attendue.
   *[other] { $n } ne sont pas encore attendues.
}
paused = { $n ->
    [one] { $n } autre est en pause volontaire, non surveillée.
   *[other] { $n } autres sont en pause volontaire, non surveillées.
}
all-covered = Chacune de celles à risque garde une bonne copie plus ancienne ; la plus vieille a { $span }.
no-copy = { $n ->
    [one] { $n } n'a aucune bonne copie.
   *[other] { $n } n'ont aucune bonne copie.
}
undelivered = { $n ->
    [one] { $n } message n'est encore parvenu à personne ; lancez backupmon notify et lisez son erreur.
   *[other] { $n } messages ne sont encore parvenus à personne ; lancez backupmon notify et lisez son erreur.
}
unwatched = Personne ne surveille backupmon lui-même : réglez [heartbeat] url, ou faites appeler backupmon check par Nagios.
assumed = { $n ->
    [one] { $n } horaire est supposé ; backupmon jobs suggest déduit le vrai.
   *[other] { $n } horaires sont supposés ; backupmon jobs suggest déduit les vrais.
}
on-trial = { $n ->
    [one] { $n } tâche est à l'essai ; son absence n'alerte pas encore.
   *[other] { $n } tâches sont à l'essai ; leur absence n'alerte pas encore.
}
backlog = Des fichiers attendent d'être lus : le plus ancien depuis { $span }.
newcomer = { $old } ne répond plus, et { $new }, qui est nouveau, apporte { $n } de ses { $total } bases. Si c'est le même site : { $command }
orphans = { $n ->
    [one] { $n } tâche supprimée a encore des versions ({ $size }) ; elles ne sont jamais effacées. Pour la suivre de nouveau : { $command }
   *[other] { $n } tâches supprimées ont encore des versions ({ $size }) ; elles ne sont jamais effacées. Pour suivre de nouveau la première : { $command }
}

## Échelle de restauration.

ladder-heading = S'il fallait restaurer maintenant
ladder-text = Âge de la dernière bonne copie, par tâche
ladder-day = moins de 24 h
ladder-two-days = 1 à 2 jours
ladder-week = 2 à 7 jours
ladder-older = plus de 7 jours
ladder-never = jamais
as-planned = comme prévu
overdue = en retard ({ $n })

## À traiter.

attention = À traiter maintenant
causes = { $n ->
    [one] { $n } cause
   *[other] { $n } causes
}
jobs = { $n ->
    [one] { $n } tâche
   *[other] { $n } tâches
}
agents-n = { $n ->
    [one] { $n } agent
   *[other] { $n } agents
}
all-clear = Rien à faire.
more-on-alerts = { $n } autres sur la page Alertes
since = Depuis
last-good = Dernière bonne copie
do-next = À faire :
contact = Contact
acknowledged = Pris en charge par { $who }
look-heading = À regarder
server = le serveur de backupmon

## Listes.

all-jobs = Toutes les tâches
all-agents = Tous les agents
search = Chercher une tâche, un site, une ville
any-status = Tous les états
shown = { $n } affichées sur { $total }
no-match = Rien ne correspond.
status = État
job = Tâche
agent = Agent
size = Taille
next-due = Prochaine attendue
version = Version courante
no-label = Sans société
last-report = Dernier rapport
first-seen = Vu la première fois
calm-agents = { $n ->
    [one] { $n } agent calme
   *[other] { $n } agents calmes
}
calm-left-out = Les agents calmes sont omis ici.
list-of-agents = Liste de tous les agents

## Page d’une tâche.

deadline = Absente à partir de
schedule = Planification et rétention
setting = Réglage
value = Valeur
set-by = Réglé par
integrity = Intégrité
expected-hash = SHA-256 du rapport de l'agent
computed-hash = SHA-256 calculé ici
hashes-equal = Les deux concordent.
hashes-differ = Ils diffèrent.
not-given = non donné
not-computed = non calculé
restore-line = S'il fallait restaurer maintenant, vous auriez la copie du { $time }.
no-restore-line = Il n'y a aucune bonne copie à restaurer.
history = Historique
versions = Versions
kept-by = Gardée par
sentence = Ce qui s'est passé
report = Rapport
judged = Jugée
superseded = remplacé
verifying = en vérification
held = retenue
pinned = épinglée
damaged = endommagée
trial = à l'essai
assumed-word = supposé
current = courante
verified-at = Vérifiée
goes = part au prochain passage
note = Note
warnings = Avertissements
last-change = Données changées

## Page des alertes.

open-now = Ouvertes
running-late-heading = En retard, pas encore d'alerte
resolved-heading = Résolues ces 30 derniers jours
resolved = Résolue
opened = Ouverte
lasted = Durée
kind = Genre

## Ce qui s’est passé, et que faire.

silent-agent = Rien n'est arrivé à temps de cet agent : ses { $n } tâches sont absentes. Une seule cause.
silent-agents = { $n } agents se sont tus en deux heures : { $names }. Une cause commune est probable.
held-together = { $n } tâches de cet agent ont été retenues dans un même passage : chiffrement ou perte de données possible sur le site. { $said }
same-cause = { $n } tâches de cet agent échouent de la même façon. { $said }
do-silent = vérifiez courant, lien internet et service de sauvegarde du site ; puis
do-missing = vérifiez que le site est en ligne et que sa sauvegarde a tourné ; puis
do-failed = réparez sur le site ce que dit le message ; historique :
do-integrity = demandez un nouvel envoi au site ; détails :
do-corrupt = demandez un nouvel export au site, et cherchez pourquoi celui-ci est incomplet ; détails :
do-held = cherchez si les données ont été changées exprès ; si oui, acceptez :
do-agent = regardez le dossier et les rapports de l'agent :
do-server = regardez le serveur :
do-years = retirez-les, ou cherchez pourquoi elles se sont arrêtées si elles ne devaient pas :
do-retired = attendez-la de nouveau, ou faites-la arrêter sur place :
ask-contact = demandez à { $who } ;

## États.

status-pending = En attente
status-success = Réussie
status-unchanged = Inchangée
status-late = En retard
status-failed = Échec
status-hash-mismatch = Empreinte différente
status-corrupt = Corrompue
status-missing = Absente
status-paused = En pause
status-retired = Terminée

## Le mois, les bandes et les graphiques.

day = { $day } { $month }
today = aujourd'hui
percent = { $number } %
n-of-total = { $n } sur { $total }
strip = 30 derniers jours : { $said }
strip-several = 30 derniers jours : { $n } sauvegardes attendues sur { $total } sont arrivées et sont bonnes
mark-nothing = Rien de jugé
mark-integrity = Intégrité rompue
mark-held = Retenue
month-heading = 30 derniers jours
month-text = Sauvegardes absentes ou mauvaises, par jour
month-expected = { $n ->
    [one] de { $n } sauvegarde attendue, arrivée et bonne.
   *[other] des { $n } sauvegardes attendues sont arrivées et sont bonnes.
}
month-clean = { $n ->
    [one] { $n } jour sans aucun ennui
   *[other] { $n } jours sans aucun ennui
}
day-bad = { $day } : { $n } sur { $total } absentes ou mauvaises
means-heading = Le sens des marques
means-text = Dans les bandes de 30 jours, le calme est bas et l'ennui est haut : elles se lisent sans couleur.
means-good = Arrivée, et ses octets sont ceux que l'agent annonce.
means-unchanged = Comme Réussie, avec les mêmes octets que la précédente.
means-late = Attendue et pas encore absente ; ou arrivée après son échéance.
means-missing = Aucun rapport n'est arrivé avant l'échéance.
means-failed = L'agent annonce un échec, ou son fichier n'est pas là.
means-integrity = Les octets d'ici ne sont pas ceux que l'agent annonce, ou le contenu n'est pas une sauvegarde entière.
means-held = Arrivée, mais suspecte : mise de côté jusqu'à ce que quelqu'un décide.
means-paused = Arrêtée volontairement : ni surveillée, ni alertée.
arrival = Arrivée
arrival-text = Un repère par sauvegarde. Sous la première ligne, elle est arrivée en avance ; au-dessus de la seconde, elle serait absente.
arrival-label = { $n } sur { $total } sont arrivées avant de compter comme absentes
axis-due = attendue
axis-missing = absente
before-due = en avance
in-time = à temps
time-heading = Où passe le temps
step-backup = export
step-compress = compression
step-transfer = transfert
longest-step = Étape la plus longue : { $step }, { $time }
sizes-heading = Taille
sizes-label = Médiane des bonnes : { $median }
schedule-heading = Quand elle est attendue
usual-arrival = Arrivée habituelle : { $time }
ruler-label = Attendue à { $due }, absente à partir de { $deadline }
due = attendue
received-per-day = Reçu par jour
received-text = Bonnes sauvegardes de cet agent, telles qu'envoyées.
received-month = Reçu en 30 jours
intact-month = Bonnes sur 30 jours

## Listes et recherche.

no-city = Sans ville
at-risk-all = À risque (toutes)
safe-all = Sûres (réussies, inchangées)
all-agents-option = Tous les agents
clear-filters = Effacer les filtres
collapse-all = Tout replier
toggle = Afficher ou masquer les tâches de { $agent }
days-column = 30 jours
loading = Chargement de la liste des tâches…
load-error = La liste des tâches n'a pas pu être chargée. Ouvrez plutôt la page de l'agent.
show-more = En afficher { $n } de plus
auto-refresh = Actualisation auto
keys = Touches : / chercher, Échap effacer

## Détails d'une tâche.

integrity-text = L'agent calcule un SHA-256 avant l'envoi ; ce serveur le recalcule sur ce qui est arrivé.
expected-size = Taille dans le rapport de l'agent
measured-size = Taille ici
size-short = { $size } de moins
size-over = { $size } de plus
retention-line = Garde { $daily } versions quotidiennes, { $weekly } hebdomadaires et { $monthly } mensuelles. Aucune ne part avant qu'une plus récente soit vérifiée.
took = export + compression + transfert
messages = Messages envoyés
no-messages = Aucun n'a été envoyé ces 30 derniers jours.
news-opened = Ouverture
news-changed = Changement
news-reminder = Rappel
news-resolved = Rétablie
not-sent = Pas encore remis. { $error }

## Détails des alertes.

alerts-text = Une alerte s'ouvre avec la première mauvaise sauvegarde et se ferme seule avec la prochaine bonne. Les retards sont listés sans courriel.
resolved-month = Résolues en 30 jours
median-recovery = Délai médian de rétablissement
longest-recovery = Le plus long
