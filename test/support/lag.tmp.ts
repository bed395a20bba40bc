import { connectAll } from './data-sync.ts';
import { startInstance } from './instance.ts';
import { sleep } from './wait-for.ts';
const env = { LOG_LEVEL: 'trace' };
const [a,b,c] = await Promise.all([startInstance({name:'A',env}), startInstance({name:'B',env}), startInstance({name:'C',env})]);
const f=[{ field:'id', type:'integer', schema:{is_primary_key:true,has_auto_increment:true}},{field:'title',type:'string',schema:{}}];
for (const i of [a,b,c]) { await i.createCollection('things', f);  }
await connectAll([a,b,c],[{collection:'things',fields:['title']}]);
await a.createItem('things',{title:'0'});
await sleep(8000);
for (let n=1;n<=4;n++) {
  if (n===4) console.log('T', new Date().toISOString());
  const t=performance.now(); await a.updateItem('things',1,{title:String(n)}); const saved=performance.now()-t;
  while ((await b.sql('select title from things where id=1'))[0]?.title !== String(n)) await sleep(5);
  const lag=performance.now()-t; const r=performance.now(); await b.readItem('things',1);
  console.log('save', Math.round(saved), 'visible', Math.round(lag), 'native read', Math.round(performance.now()-r)); 
  if (n===4) console.log('T', new Date().toISOString());
await sleep(3000);
}
for (const i of [a,b]) { (await import('node:fs')).writeFileSync('/tmp/lag-'+i.name+'.log', await i.log()); }
await a.destroy(); await b.destroy(); await c.destroy();
